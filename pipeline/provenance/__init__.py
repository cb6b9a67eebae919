"""Where a picture comes from: C2PA content credentials, a watermark, and words of disclosure."""
