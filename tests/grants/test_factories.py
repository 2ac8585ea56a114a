"""The factories make rows that the models accept."""

import pytest

from tests import factories as f


@pytest.mark.django_db
def test_every_factory_makes_a_row(noon):
    instalment = f.InstalmentFactory()
    assert instalment.agreement.award.bid.state == "awarded"
    f.AssessmentFactory()
    f.ObligationFactory()
    f.delegation(chief_executive="25000")
    for row in (instalment, instalment.agreement, instalment.agreement.offer, instalment.agreement.award.bid):
        row.full_clean(exclude=["state"])
