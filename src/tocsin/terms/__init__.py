"""The words of the house: roles, kinds, outcomes, moments, addresses, errors. Imports nothing of ours."""
