"""One name everywhere: folder, package, program, route, event and test of a function."""

from dev import rust, settings

# Called by a queue, a schedule or by hand: they have no route.
WITHOUT_ROUTE = {"cleanup", "classify", "migrate"}


def breaches() -> list[str]:
    """Everything that does not carry its function's name."""
    metadata = rust.metadata()
    routed = routed_functions(metadata)
    folders = {path.parent.name for path in (settings.ROOT / "functions").glob("*/Cargo.toml")}
    found = [f"Cargo.toml:1: the router names {name}, but functions/{name} is missing" for name in sorted(routed - folders)]
    for package in sorted(metadata["packages"], key=lambda package: package["name"]):
        folder = package["manifest_path"].rsplit("/", 2)
        if folder[0].endswith("/functions"):
            found += [f"functions/{folder[1]}/Cargo.toml:1: {why}" for why in breaches_of(folder[1], package, routed)]
    return found


def breaches_of(folder: str, package: dict, routed: set) -> list[str]:
    """What is named otherwise than its folder."""
    programs = [target["name"] for target in package["targets"] if "bin" in target["kind"]]
    test = f"tests/api/{folder.replace('-', '_')}.rs"
    rules = (
        (package["name"] == folder, f"the package is named {package['name']}, not {folder}"),
        (programs == [folder], f"the programs are {programs}, not [{folder}] alone"),
        (folder in routed or folder in WITHOUT_ROUTE, "no route in the router of Cargo.toml leads to it"),
        ((settings.ROOT / "events" / f"{folder}.json").exists(), f"events/{folder}.json is missing"),
        ((settings.ROOT / test).exists(), f"{test} is missing"),
    )
    return [why for holds, why in rules if not holds]


def routed_functions(metadata: dict) -> set:
    """The functions that the watch router knows."""
    router = metadata["metadata"]["lambda"]["watch"]["router"]
    return {route["function"] for routes in router.values() for route in routes}
