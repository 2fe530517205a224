"""What to say when a payment fails."""
