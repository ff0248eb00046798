"""Tables of text: cells, fields, values, and mappings that give columns their meaning."""
