with

tracks as (

    select * from {{ ref('tracks_raw') }}

),

spellings as (

    select map_from_entries(collect_list(struct(spelling, genre_name))) as names
    from {{ ref('genre_spellings') }}

),

parsed as (

    select
        tracks.*,
        spellings.names as spellings,
        from_json(
            tracks.payload,
            'id string, name string, artist string, songwriters string,
            duration string, genres string, album string,
            created_at string, updated_at string'
        ) as record
    from tracks
    cross join spellings

),

renamed as (

    select
        ---------- keys
        record.id as track_id,

        ---------- text
        {{ clean_text('record.name') }} as track_name,
        {{ clean_text('record.artist') }} as artist_credit,
        {{ clean_text('record.album') }} as album_title,
        {{ clean_text('record.songwriters') }} as songwriters,
        {{ genre_names('record.genres', 'spellings') }} as genre_names,

        ---------- numbers
        {{ duration_seconds('record.duration') }} as duration_seconds,

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
        {{ main_artist('artist_credit') }} as artist_name,
        array_union(
            {{ featured_artists('artist_credit') }},
            {{ featured_artists('track_name', in_brackets=true) }}
        ) as featured_artist_names,
        coalesce(greatest(created_at, sent_updated_at), ingested_at)
            as updated_at,
        coalesce(sent_updated_at < created_at, false) as is_updated_at_repaired,
        case
            when track_id is null then 'missing_id'
            when track_name is null then 'blank_name'
        end as reject_reason
    from renamed

),

ranked as (

    select
        *,
        {{ recency_rank('track_id') }} as recency
    from judged

),

track_records as (

    select
        * except (recency, sent_updated_at, payload),
        {{ fate() }} as fate,
        if(reject_reason is not null, payload, null) as rejected_payload
    from ranked

)

select * from track_records
