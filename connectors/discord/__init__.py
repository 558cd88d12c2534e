"""Discord: channels of servers whose owner invited the bot."""
