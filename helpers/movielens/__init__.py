"""Where ratings come from, and how each edition's files are read.

===========  ==========================================================
`sources`    find an edition: your file, the cache, GroupLens, a mirror
`formats`    read the files of each edition
`dataset`    the tidy form, `MovieLens`
`own`        bring a table of your own into it
`tables`     read CSV, TSV, Parquet; gzip, zip
`synthetic`  draw ratings from a known model
`validation`  what a table of ratings has to satisfy
`errors`     what can be wrong with a data set
===========  ==========================================================
"""
