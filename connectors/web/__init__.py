"""Web pages: single ones that change, and pages of results whose links are followed once."""
