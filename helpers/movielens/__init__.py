"""Where ratings come from, and how each edition's files are read.

===========  ==========================================================
`sources`    find an edition: your file, the cache, GroupLens, a mirror
`formats`    read the files of each edition
`synthetic`  draw ratings from a known model
`validation`  what a table of ratings has to satisfy
`errors`     what can be wrong with a data set
===========  ==========================================================
"""
