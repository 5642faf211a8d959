with

spellings as (

    select map(list(spelling), list(genre_name)) as names
    from {{ ref('genre_spellings') }}

),

parsed as (

    select
        users.*,
        spellings.names as spellings,
        from_json(
            users.payload,
            '{"id": "VARCHAR", "first_name": "VARCHAR", "last_name": "VARCHAR", "email": "VARCHAR",
            "gender": "VARCHAR", "favorite_genres": "VARCHAR",
            "created_at": "VARCHAR", "updated_at": "VARCHAR"}'
        ) as record
    from {{ ref('users_raw') }} as users
    cross join spellings

),

renamed as (

    select
        record.id as user_id,
        {{ clean_text('record.first_name') }} as first_name,
        {{ clean_text('record.last_name') }} as last_name,
        lower({{ clean_text('record.email') }}) as sent_email,
        {{ clean_text('record.gender') }} as gender,
        {{ genre_names('record.favorite_genres', 'spellings') }} as favourite_genre_names,
        {{ to_utc('record.created_at') }} as created_at,
        {{ to_utc('record.updated_at') }} as sent_updated_at,
        {{ lineage() }}
    from parsed

),

judged as (

    select
        *,
        coalesce(regexp_matches(sent_email, '^[^@\s]+@[^@\s]+\.[^@\s.]+$'), false) as is_email_valid,
        coalesce(greatest(created_at, sent_updated_at), ingested_at::timestamp) as updated_at,
        coalesce(sent_updated_at < created_at, false) as is_updated_at_repaired,
        case when user_id is null then 'missing_id' end as reject_reason
    from renamed

),

ranked as (

    select *, {{ recency_rank('user_id') }} as recency
    from judged

)

select
    * exclude (recency, sent_updated_at, sent_email, payload),
    case when is_email_valid then sent_email end as email,
    {{ fate() }} as fate,
    case when reject_reason is not null then payload end as rejected_payload
from ranked
