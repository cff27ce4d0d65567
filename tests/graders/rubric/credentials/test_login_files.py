"""Files that keep logins, and settings whose name and value stand apart."""

import pytest

from graders.rubric.credentials.login_files import behind_blanks, in_login_files, in_pairs


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".netrc", "machine x login y password tiger"),
        (".pgpass", "db.internal:5432:orders:app:tiger"),
        ("config.json", '{"auths": {"r": {"auth": "Y2k6bHJMMzNaM0FGc1lZb1Ixcg=="}}}'),
        ("settings.xml", "<password>tiger</password>"),
        ("web.config", '<add key="Password" value="tiger"/>'),
        ("beans.xml", '<property name="db.password">tiger</property>'),
        ("parameters.json", '{"ParameterKey": "DbPassword", "ParameterValue": "tiger"}'),
        ("userlist.txt", '"app" "kD83jdk2"'),
        ("values.yaml", "- name: API_TOKEN\n  value: tiger"),
        ("template.yml", "  MasterPassword:\n    Type: String\n    Default: tiger\n"),
        (".bash_history", "sudo su -\nUs4YKMEM0Hcl%C\n"),
    ],
)
def test_login_files(path: str, text: str) -> None:
    """Are files that keep logins read by their own form?"""
    assert [*in_login_files(text, path), *in_pairs(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("storePassword 'R6v-7T4Rzq'", True),
        ("requirepass kd83jdk2", True),
        ("LINODE_TOKEN b5a86bf7d6ee1523ed69729af85c729a", True),
        ("the password kd83jdk2", False),
        ('resource "aws_secretsmanager_secret" "db_password" {', False),
        ("db_password dev-database-credentials", False),
        ("DB_PASSWORD $DB_PASSWORD", False),
    ],
)
def test_behind_blanks(text: str, found: bool) -> None:
    """Is a value behind a setting's name and a blank found, and a sentence left to the rules about sentences?"""
    assert bool(list(behind_blanks(text))) is found
