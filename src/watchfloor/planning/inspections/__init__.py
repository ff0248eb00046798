"""Whom to open under a budget: choice with honest chances, means, grounds, rates without bias, fairness."""
