"""The model of plans: values that are independent of any format."""
