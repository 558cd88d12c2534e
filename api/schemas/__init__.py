"""What the API says and takes, one module per noun: the public contract, apart from the tables."""
