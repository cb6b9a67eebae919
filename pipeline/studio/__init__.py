"""The studio: a page for the browser over the service's queue. Drafts lie on disk; one worker owns the models."""
