"""The key that encrypts factors. The emulator generates it with punctuation, which the template excludes."""

from dev.deploy.stack import Stack


def remove_punctuation(stack: Stack) -> None:
    """Replaces punctuation in the generated key: a comma would separate two keys, too short ones."""
    client, secret = stack.emulator.client("secretsmanager"), stack.ids["FactorKeys"]
    generated = client.get_secret_value(SecretId=secret)["SecretString"]
    key = "".join(character if character.isalnum() else "x" for character in generated)
    client.put_secret_value(SecretId=secret, SecretString=key)
