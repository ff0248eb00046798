"""The live floor's processes: one takes in, one folds, one rolls."""
