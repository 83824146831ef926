"""What is known of vendors, as data, and what reads and checks it."""
