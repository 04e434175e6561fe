"""generate_error_catalog: six mistakes that are made in the sub-topic."""

from core.pipeline import Step, step
from core.pipelines.assessment import material, quality
from core.pipelines.assessment.asking import filled
from core.pipelines.assessment.forms import ErrorCatalog
from core.pipelines.assessment.results import Topic
from core.pipelines.assessment.steps import CATALOG
from core.pipelines.assessment.topic import FREEDOM


@step(CATALOG)
async def generate_error_catalog(step: Step, topic: Topic) -> ErrorCatalog:
    """Have the mistakes collected."""
    step.progress(CATALOG.doing)
    values = material.about(topic)
    catalog = await filled(step, "mid", "error_catalog", ErrorCatalog, temperature=FREEDOM, **values)
    quality.tell(step, quality.of_catalog(catalog))
    step.summary(f"{len(catalog.errors)} mistakes: {', '.join(one.impact for one in catalog.errors)}")
    return catalog
