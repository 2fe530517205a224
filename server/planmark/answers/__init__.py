"""What every door answers with: the plan that is meant, and results as the public contract names them."""
