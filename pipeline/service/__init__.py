"""The HTTP service: a queue of jobs on disk, made by the engines of collections, behind a small API."""
