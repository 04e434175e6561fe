"""What every pipeline that ends in rows shares: models asked, queries checked, rows told, what they say, charts."""
