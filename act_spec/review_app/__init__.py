"""The local review page: one process, one database, any number of reviewers and windows."""
