"""The database that the stack makes, its network, and the connections to it."""

from typing import Iterator

from dev.connections import POOL, VERSIONS, max_connections
from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

PROXY_PERCENT = 90
# The security groups with which functions reach the internet: providers of models, mail servers, and Have I
# Been Pwned.
OUTSIDE = {"classify": "${ProviderSecurityGroup}", "mail": "${MailSecurityGroup}",
           "auth": "${BreachesSecurityGroup}", "account": "${BreachesSecurityGroup}"}


@rule
def the_database_is_protected(stack: Stack, _: Repository) -> Iterator[str]:
    """The cluster is encrypted, has backups, and no public address. In staging and prod it is protected."""
    protected = stack.parameters["Stage"] != "dev" and stack.parameters["DeletionProtection"] == "true"
    for name, cluster in stack.of_type("AWS::RDS::DBCluster"):
        wanted = {"StorageEncrypted": True, "ManageMasterUserPassword": True,
                  "DeletionProtection": protected}
        for setting, value in wanted.items():
            if cluster.get(setting) is not value:
                yield f"{setting} of {name} is not {value}"
        if "MasterUserPassword" in cluster:
            yield f"{name} has a password in the template"
        if cluster.get("BackupRetentionPeriod", 1) < 7:
            yield f"{name} keeps backups for less than a week"
    for name, instance in stack.of_type("AWS::RDS::DBInstance"):
        if instance.get("PubliclyAccessible") is not False:
            yield f"{name} is public"
    for name, group in stack.of_type("AWS::RDS::DBClusterParameterGroup"):
        if group["Parameters"].get("rds.force_ssl") != "1":
            yield f"{name} admits connections without TLS"


@rule
def the_version_is_the_named_one(stack: Stack, _: Repository) -> Iterator[str]:
    """AWS does not upgrade the cluster. The template would then ask for an older version, which fails."""
    for name, instance in stack.of_type("AWS::RDS::DBInstance"):
        if instance.get("AutoMinorVersionUpgrade") is not False:
            yield f"AWS upgrades {name}"


@rule
def targets_wait_for_the_first_instance_only(stack: Stack, _: Repository) -> Iterator[str]:
    """CloudFormation waits until all instances are available, but not for as long as two of them may take."""
    order = {"ProxyTargets": "FirstInstance", "SecondInstance": "ProxyTargets"}
    for name in sorted(order.keys() & stack.resources.keys()):
        if stack.resources[name].get("DependsOn") != order[name]:
            yield f"{name} does not wait for {order[name]}"


@rule
def the_proxy_admits_tokens_over_tls(stack: Stack, _: Repository) -> Iterator[str]:
    """Functions log in with IAM tokens. The proxy alone has passwords."""
    for name, proxy in stack.of_type("AWS::RDS::DBProxy"):
        if proxy.get("RequireTLS") is not True:
            yield f"{name} admits connections without TLS"
        for login in proxy["Auth"]:
            if login.get("IAMAuth") != "REQUIRED" or not login.get("SecretArn"):
                yield f"{name} admits passwords"
    if stack.parameters["Stage"] != "dev":
        for function in stack.functions():
            if stack.variables(function).get("DATABASE_AUTH") != "iam":
                yield f"{function} logs in without tokens"


@rule
def functions_are_where_the_database_is(stack: Stack, _: Repository) -> Iterator[str]:
    """Every function needs Postgres. Only those in `OUTSIDE` reach the internet."""
    network = {"SubnetIds": ["${FirstSubnet}", "${SecondSubnet}"], "SecurityGroupIds": ["${FunctionSecurityGroup}"],
               "Ipv6AllowedForDualStack": True}
    if "Cluster" not in stack.resources:
        groups = [stack.parameters["SecurityGroupId"]]
        network = {"SubnetIds": stack.parameters["SubnetIds"].split(","), "SecurityGroupIds": groups} if groups != [""] else {
            "SecurityGroupIds": []}
    for function, properties in stack.functions().items():
        own = dict(properties.get("VpcConfig", {}))
        if "Cluster" in stack.resources:
            outside = OUTSIDE.get(function)
            own["SecurityGroupIds"] = [one for one in own.get("SecurityGroupIds", []) if one != outside]
        if own != network:
            yield f"{function} is not in the network of the database"


@rule
def connections_suffice(stack: Stack, repository: Repository) -> Iterator[str]:
    """Each invocation has a connection, migrate has two, and a deployment doubles the sandboxes.

    This holds for the capacity that samconfig.toml gives the database of each stage.
    """
    table, parameters = stack.source["Mappings"]["Concurrency"], stack.source["Parameters"]
    for stage, given in repository.overrides.items():
        least, most = (float(given.get(name, parameters[name]["Default"]))
                       for name in ("DatabaseMinCapacity", "DatabaseMaxCapacity"))
        allowed = max_connections(least, most) * PROXY_PERCENT // 100
        # The part of classify for the queue is in the row Classify, too.
        needed = VERSIONS * sum(row[stage] * POOL.get(name.lower(), 1) for name, row in table.items()
                                if name != "ClassifyQueue")
        if needed > allowed:
            yield f"{stage} needs {needed} connections, and {most:g} units of capacity give {allowed}"
    for name, targets in stack.of_type("AWS::RDS::DBProxyTargetGroup"):
        if targets.get("ConnectionPoolConfigurationInfo", {}).get("MaxConnectionsPercent") != PROXY_PERCENT:
            yield f"{name} does not use {PROXY_PERCENT} % of the connections"


@rule
def concurrency_is_reserved_from_the_table(stack: Stack, _: Repository) -> Iterator[str]:
    """The budget above holds only if every function has its row of the table, in every stage."""
    if stack.parameters["ReservedConcurrency"] != "true":
        return
    table = stack.source["Mappings"]["Concurrency"]
    for name, properties in stack.of_type("AWS::Lambda::Function"):
        row = table.get(name.removesuffix("Function"), {})
        if properties.get("ReservedConcurrentExecutions") != row.get(stack.parameters["Stage"], -1):
            yield f"{name} does not have its row of Concurrency"
