"""The methods, one a file: pure functions of data, registered by name."""
