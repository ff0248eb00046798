"""Tables of text: cells, fields, values, lexicons and mappings that give columns their meaning."""
