"""Deploys infra/template.yaml to an emulator of AWS, and tests what was deployed (`./dev check --deploy`)."""
