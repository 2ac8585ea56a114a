"""The command that proves the ledger: right totals pass, a total that differs is named and shows in the exit code."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from grants.funds.ledger import Posting, fund_year, post
from grants.models import Account
from tests import factories as f


@pytest.mark.database
@pytest.mark.django_db
def test_the_ledger_is_proved_and_a_difference_is_named(noon):
    account = fund_year(f.FundFactory(name="Community fund"), 2026)
    post([Posting(account, "budget", Decimal("155000"))], cause="budget", key="2026", by=f.officer())
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "The ledger holds: 1 entries." in out.getvalue()
    Account.objects.filter(pk=account.pk).update(budget=Decimal("155000.01"))
    with pytest.raises(CommandError, match=r"budget is £155,000\.01, its entries add up to £155,000\.00") as failure:
        call_command("verify_ledger")
    assert failure.value.returncode == 1
