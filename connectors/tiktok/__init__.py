"""TikTok, through its Research API: for researchers whom TikTok has approved."""
