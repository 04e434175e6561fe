"""Qdrant: collections of points with vectors, searched by likeness, filtered by what they carry."""
