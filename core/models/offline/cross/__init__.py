"""Questions that span sources: read over one joint schema; the query is split into what each source does."""
