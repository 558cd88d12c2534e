"""Instagram's hashtags and Facebook's pages, through Meta's Graph API."""
