"""Reddit: new submissions and comments of subreddits and searches, through PRAW."""
