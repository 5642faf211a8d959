select
    user_id,
    {{ key(['user_id']) }} as user_key,
    first_name,
    last_name,
    email,
    gender,
    favourite_genre_names,
    is_email_valid,
    is_updated_at_repaired,
    created_at,
    updated_at,
    ingested_at
from {{ ref('user_records') }}
where fate = 'current'
