"""Limits of what one caller may ask, lifted: tests ask more than people do, and those about a limit set it."""

LIFTED = {
    "runs_per_minute": 1_000_000,
    "tenant_runs_per_minute": 1_000_000,
    "user_streams": 100_000,
    "tenant_streams": 100_000,
}
VARIABLES = {f"LEVADA_LIMITS__{name.upper()}": str(value) for name, value in LIFTED.items()}
