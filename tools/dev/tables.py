"""The computed tables of the documentation. `./dev tables` writes them, and `./dev check` compares them.

A table stands between the lines `<!-- ./dev tables: NAME -->` and `<!-- end -->`.
"""

import re
from typing import NamedTuple

from dev import connections, cost, events, measured, settings, template_figures
from dev.cost import Item, Prices
from dev.report import UserError

# What would lower the cost of an upload, with the figures of bench/upload.json that it changes.
SAVINGS = (
    ("nothing", {}),
    ("Lambda's own lines off (`SystemLogLevel: WARN`)", {"platform_lines_bytes": 0}),
    ("a batching window for `classify`, and ten messages in each batch", {"messages_per_batch": 10}),
    ("function URLs instead of API Gateway", {"api_requests": 0, "access_line_bytes": 0}),
    ("Aurora's storage *I/O-Optimized*, which costs more each month", {"database_writes": 0}),
)


class Table(NamedTuple):
    """A table, and the page that it stands in."""

    page: str
    name: str
    text: str


def compute() -> "list[Table]":
    """Computes all tables."""
    deployed, figures = template_figures.read(), measured.read()
    given, prices, metrics = cost.read_given(), cost.read_prices(), events.list_metrics()
    page, uploads = "docs/COST.md", cost.list_uploads(figures, deployed, given)
    shares, changed = [], given
    for _, changes in SAVINGS:
        changed = {**changed, **changes}
        shares.append(cost.share_of_puts(cost.list_uploads(figures, deployed, changed), prices))
    return [
        Table(page, "uploads", format_bill(uploads, prices) + format_share(shares[0])),
        Table(page, "savings", format_savings(shares)),
        Table(page, "idle dev", format_bill(cost.list_idle(deployed, metrics, given, "dev"), prices)),
        Table(page, "idle prod", format_bill(cost.list_idle(deployed, metrics, given, "prod"), prices)),
        Table(page, "used metrics", format_bill(cost.list_used_metrics(deployed, metrics, given), prices)),
        Table(page, "prices", format_prices(prices)),
        Table(page, "estimates", format_given(cost.read_given_entries())),
        Table("docs/DEPLOY.md", "concurrency", connections.format_concurrency(deployed)),
        Table("docs/ARCHITECTURE.md", "connections", connections.format_budget(deployed)),
    ]


def format_bill(items: "list[Item]", prices: Prices) -> str:
    """Formats items with their prices, the most expensive first, and their sum."""
    rows = [f"| {item.service} | {item.what} | {amount(item.count)} | {prices.unit(item)} | {prices.usd(item):.2f} |"
            for item in sorted(items, key=prices.usd, reverse=True)]
    last = f"| **sum** | | | | **{sum(map(prices.usd, items)):.2f}** |"
    return "\n".join(["| service | for | amount | unit | $ |", "|---|---|---|---|---|", *rows, last])


def format_share(share: float) -> str:
    """Formats the target of an upload's cost."""
    verdict = "met" if share <= cost.TARGET else "missed"
    return f"\n\nEverything but S3's PUTs: {share:.2f} x the PUTs. Target: <= {cost.TARGET} x. **{verdict}**"


def format_savings(shares: "list[float]") -> str:
    """Formats what each change leaves, if the ones above it are made, too."""
    rows = [f"| {what} | {share:.2f} x |" for (what, _), share in zip(SAVINGS, shares)]
    return "\n".join(["| change | everything but the PUTs |", "|---|---|", *rows])


def format_prices(prices: Prices) -> str:
    """Formats the prices and their sources."""
    rows = [f"| {price['unit']} | {amount(price['per'])} | {decimal(price['usd'])} | {price['page']} |"
            for price in prices.data["prices"].values()]
    head = f"Region {prices.data['region']}, {prices.data['date']}, in {prices.data['currency']}."
    return "\n".join([head, "", "| unit | for | $ | page |", "|---|---|---|---|", *rows])


def format_given(entries: "dict[str, dict]") -> str:
    """Formats the figures that are not measured."""
    rows = [f"| `{name}` | {amount(entry['value'])} | {entry['basis']} |" for name, entry in entries.items()]
    return "\n".join(["| figure | value | basis |", "|---|---|---|", *rows])


def amount(number: float) -> str:
    """Formats a number without superfluous digits: 1,500,000 or 0.25."""
    return f"{number:,.0f}" if number >= 100 else f"{number:,.4g}"


def decimal(number: float) -> str:
    """Formats a number with all its digits, and without an exponent."""
    return f"{number:.12f}".rstrip("0").rstrip(".")


def write() -> "list[str]":
    """Writes all tables into their pages, and returns the pages."""
    computed = compute()
    for table in computed:
        path = settings.ROOT / table.page
        path.write_text(replace(path.read_text(), table))
    return sorted({table.page for table in computed})


def find_breaches() -> "list[str]":
    """Returns a message for each table that is out of date."""
    try:
        texts = {table: (settings.ROOT / table.page).read_text() for table in compute()}
        return [f"{table.page}: the table `{table.name}` is out of date: ./dev tables writes it"
                for table, text in texts.items() if replace(text, table) != text]
    except UserError as error:
        return [str(error)]


def replace(page: str, table: Table) -> str:
    """Returns the page with the table between its two lines."""
    begin, end = f"<!-- ./dev tables: {table.name} -->\n", "<!-- end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + end, re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise UserError(f"{table.page} needs the lines `{begin.strip()}` and `{end}`, once.")
    return pattern.sub(lambda _: f"{begin}\n{table.text}\n\n{end}", page)
