"""The watch and its log: alerts, handovers, standing orders and situation reports."""
