"""Static files under names that carry their content's hash, so browsers keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports inside JavaScript modules to the hashed names."""

    support_js_module_import_aggregation = True
