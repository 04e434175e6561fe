"""What is answered on which path; one module for each kind of thing."""
