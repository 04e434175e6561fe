"""The pipelines of this server, the default one first. Adding one is a folder beside this file and a line below."""

from core.pipelines import agents, assessment, auto, federated, query, research

PIPELINES = [query.PIPELINE, federated.PIPELINE, auto.PIPELINE, research.PIPELINE, agents.PIPELINE, assessment.PIPELINE]
