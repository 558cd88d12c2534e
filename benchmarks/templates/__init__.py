"""Pictures of registered templates and of what is none, in the form `leakwatch benchmark templates` reads."""
