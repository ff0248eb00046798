"""Who may see what: our decisions beside Cedar's and Casbin's on drawn cases, `./dev bench policy`."""
