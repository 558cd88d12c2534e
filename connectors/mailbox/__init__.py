"""A mailbox that staff forward leaks to, read over IMAP."""
