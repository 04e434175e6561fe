"""Claude through Amazon Bedrock: the same answers within Amazon's binary event stream, signed with AWS credentials.

Needs the extra `bedrock` (boto3), which signs requests and reads the stream.
"""

from importlib.util import find_spec
from typing import Any

from anthropic import AsyncAnthropicBedrock, AsyncStream, DefaultAsyncHttpxClient
from anthropic.types import RawMessageStreamEvent

from core.errors import ModelRejected
from core.models.anthropic import access
from core.models.anthropic.failures import Vendor
from core.models.anthropic.model import Anthropic, Client

_CREDENTIALS = "AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"


class Bedrock(Anthropic):
    """The model or inference profile *name* of Bedrock's.

    Region and credentials are found as all of AWS's tools find them: AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID …;
    where the settings name a variable for the key, that holds the bearer token in place of AWS_BEARER_TOKEN_BEDROCK.
    """

    provider = "bedrock"
    streams = "application/vnd.amazon.eventstream"

    async def send(self, client: Client, parameters: dict[str, Any]) -> AsyncStream[RawMessageStreamEvent]:
        from botocore.exceptions import BotoCoreError

        try:
            return await super().send(client, parameters)
        except (BotoCoreError, RuntimeError) as error:  # RuntimeError is the SDK's for credentials that are nowhere
            raise ModelRejected(f"AWS has no credentials for Bedrock: {error}. Set {_CREDENTIALS}.") from None

    def open(self) -> tuple[Client, Vendor]:
        if find_spec("boto3") is None:
            raise ModelRejected(
                "Amazon Bedrock needs the extra `bedrock`, which is not installed. "
                'Install it: pip install "levada-service[bedrock]".'
            )
        from botocore.eventstream import ParserError
        from botocore.exceptions import BotoCoreError

        self.breaks = (*Anthropic.breaks, ParserError)
        try:
            client = AsyncAnthropicBedrock(
                http_client=DefaultAsyncHttpxClient(follow_redirects=False),  # nothing goes elsewhere
                api_key=access.key(self.settings),
                base_url=self.settings.base_url or None,
                timeout=access.timeout(self.settings),
                max_retries=0,
                open_telemetry=False,
            )
        except (BotoCoreError, ValueError) as error:
            raise ModelRejected(f"Bedrock can't be asked: {error} Set AWS_REGION.") from None
        return client, Vendor("Amazon Bedrock", self.name, client.base_url.host, _CREDENTIALS)
