"""YouTube: videos and comments of channels, and searches, through the Data API or channels' feeds."""
