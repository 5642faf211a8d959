with

users as (

    select * from {{ ref('users_raw') }}

),

spellings as (

    select map_from_entries(collect_list(struct(spelling, genre_name))) as names
    from {{ ref('genre_spellings') }}

),

parsed as (

    select
        users.*,
        spellings.names as spellings,
        from_json(
            users.payload,
            'id string, first_name string, last_name string, email string,
            gender string, favorite_genres string,
            created_at string, updated_at string'
        ) as record
    from users
    cross join spellings

),

renamed as (

    select
        ---------- keys
        record.id as user_id,

        ---------- text
        {{ clean_text('record.first_name') }} as first_name,
        {{ clean_text('record.last_name') }} as last_name,
        lower({{ clean_text('record.email') }}) as sent_email,
        {{ clean_text('record.gender') }} as gender,
        {{ genre_names('record.favorite_genres', 'spellings') }}
            as favourite_genre_names,

        ---------- timestamps
        {{ to_utc('record.created_at') }} as created_at,
        {{ to_utc('record.updated_at') }} as sent_updated_at,

        ---------- lineage
        {{ lineage() }}

    from parsed

),

judged as (

    select
        *,
        coalesce(
            sent_email rlike r'^[^@\s]+@[^@\s]+\.[^@\s.]+$', false
        ) as is_email_valid,
        coalesce(greatest(created_at, sent_updated_at), ingested_at)
            as updated_at,
        coalesce(sent_updated_at < created_at, false) as is_updated_at_repaired,
        if(user_id is null, 'missing_id', null) as reject_reason
    from renamed

),

ranked as (

    select
        *,
        {{ recency_rank('user_id') }} as recency
    from judged

),

user_records as (

    select
        * except (recency, sent_updated_at, sent_email, payload),
        if(is_email_valid, sent_email, null) as email,
        {{ fate() }} as fate,
        if(reject_reason is not null, payload, null) as rejected_payload
    from ranked

)

select * from user_records
