"""What tokens cost: the user's prices, then the built-in price list."""
