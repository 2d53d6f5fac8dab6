"""What a student runs in a terminal: ``python -m helpers start`` and ``doctor``.

=============  =======================================================
`commands`     the command line
`start`        copy the exercises into a folder, and update them later
`doctor`       diagnose this computer, and say how to fix it
`diagnostics`  what the doctor looks at
`terminal`     tables and commands for a terminal
=============  =======================================================
"""
