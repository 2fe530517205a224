"""The model of plans: values that know no format."""
